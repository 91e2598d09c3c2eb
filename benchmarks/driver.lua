-- Sends the requests of a file as they are and tells what came of it as one line of JSON.
-- wrk ... -s driver.lua URL -- FILE once|again
-- FILE holds records of a length, a newline and that many bytes: a whole request each. The first one is a filler. Under
-- `again` the others are sent over and over; under `once` each is sent once, then fillers until all are answered.
local ffi = require("ffi")
ffi.cdef("int kill(int, int); int getpid(void);")
local SIGINT = 2
local threads = {}
sent, fillers = 0, 0

local function record(file)
  local size = file:read("*l")
  return size and file:read(tonumber(size))
end

function setup(thread)
  threads[#threads + 1] = thread
end

function init(arguments)
  file = assert(io.open(arguments[1], "rb"))
  once = arguments[2] == "once"
  last_fillers = tonumber(arguments[3])
  filler = record(file)
  if not once then
    requests = {}
    local each = record(file)
    while each do
      requests[#requests + 1] = each
      each = record(file)
    end
  end
end

function request()
  if not asked then -- wrk asks once before it begins, and sends nothing of it
    asked = true
    return filler
  end
  if not once then
    sent = sent + 1
    return requests[(sent - 1) % #requests + 1]
  end
  local each = record(file)
  if each then
    sent = sent + 1
    return each
  end
  fillers = fillers + 1
  if fillers == last_fillers then
    ffi.C.kill(ffi.C.getpid(), SIGINT)
    wrk.thread:stop()
  end
  return filler
end

function done(summary, latency, requests)
  local handed = 0
  for _, thread in ipairs(threads) do
    handed = handed + thread:get("sent")
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "sent": %d, "seconds": %.6f, "p50": %.6f, "p99": %.6f, "longest": %.6f, ' ..
    '"refused": %d, "connect": %d, "read": %d, "write": %d, "timeout": %d}\n',
    summary.requests, handed, summary.duration / 1e6, latency:percentile(50) / 1e6,
    latency:percentile(99) / 1e6, latency.max / 1e6, errors.status, errors.connect, errors.read, errors.write,
    errors.timeout))
end
