-- SPDX-License-Identifier: GPL-3.0-or-later
-- wrk: each thread has one connection and one chain, and rotates its refresh token. Each line of the file named by TOKENS holds a client id and a token.
local lines, threads = {}, 0
for line in io.lines(os.getenv("TOKENS")) do lines[#lines + 1] = line end

function setup(thread)
  threads = threads + 1
  local client, token = lines[threads]:match("(%S+) (%S+)")
  thread:set("client", client)
  thread:set("token", token)
end

function request()
  return wrk.format("POST", "/oauth/token", { ["Content-Type"] = "application/x-www-form-urlencoded", ["Host"] = os.getenv("HOST") },
    "grant_type=refresh_token&client_id=" .. client .. "&refresh_token=" .. token)
end

function response(status, headers, body)
  local fresh = body:match('"refresh_token": ?"([^"]+)"')
  if status == 200 and fresh and not os.getenv("BARE") then token = fresh end
end
