require "openssl"

# The key is the bytes of the secret as issued: its base64url is not decoded.
SECRET = ENV.fetch("SIGNING_SECRET")
abort "SIGNING_SECRET is empty" if SECRET.empty?

def user_hash(user_id)
  OpenSSL::HMAC.hexdigest("SHA256", SECRET, user_id)
end

# User ids on standard input, one on each line.
$stdin.each_line { |line| puts user_hash(line.delete_suffix("\n")) }
