/* Requests go to where the page came from, whatever address the document gives. */
fetch("openapi.json")
  .then((answer) => answer.json())
  .then((spec) =>
    SwaggerUIBundle({
      spec: { ...spec, servers: [{ url: new URL(".", location.href).href.replace(/\/$/, "") }] },
      domNode: document.getElementById("browser"),
      deepLinking: true,
      docExpansion: "none",
      persistAuthorization: false,
      validatorUrl: null,
    }),
  );
