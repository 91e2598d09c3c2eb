"""What is shown of each noun: one schema per object, dumped by the admin API and by the command line alike."""
