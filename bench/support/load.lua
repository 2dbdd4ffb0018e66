-- What wrk sends, and how it tells what came of it.
--
-- wrk -s load.lua URL -- REQUESTS, where REQUESTS is a Lua file that returns a list of
-- {method, path, headers, body}. They are sent in turn; each thread starts somewhere else.

local threads = 0
local requests = {}
local position = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local described = dofile(arguments[1])
  for i, one in ipairs(described) do
    requests[i] = wrk.format(one[1], one[2], one[3], one[4])
  end
  position = (number * 509) % #requests
end

function request()
  position = position % #requests + 1
  return requests[position]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"requests": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, "refused": %d, "failed": %d}\n',
    summary.requests, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
