require "json"
require "openssl"

# The key is the bytes of the secret as issued: its base64url is not decoded.
SECRET = ENV.fetch("SIGNING_SECRET")
abort "SIGNING_SECRET is empty" if SECRET.empty?

def base64url(bytes)
  [bytes].pack("m0").tr("+/", "-_").delete("=")
end

def user_jwt(user_id)
  header = { alg: "HS256", typ: "JWT" }
  claims = { user_id: user_id, exp: Time.now.to_i + 300 }
  content = [header, claims].map { |part| base64url(JSON.generate(part)) }.join(".")
  "#{content}.#{base64url(OpenSSL::HMAC.digest("SHA256", SECRET, content))}"
end

# User ids on standard input, one on each line.
$stdin.set_encoding("UTF-8").each_line { |line| puts user_jwt(line.delete_suffix("\n")) }
