require "openssl"

# The key is the bytes of the secret as issued: nothing of it is decoded.
SECRET = ENV.fetch("SIGNING_SECRET")
INTEGRATOR_KEY = ENV.fetch("INTEGRATOR_KEY")
abort "SIGNING_SECRET is empty" if SECRET.empty?

def signed_headers(method, path, body)
  timestamp = Process.clock_gettime(Process::CLOCK_REALTIME, :millisecond).to_s
  content = "#{timestamp}.#{method.upcase}.#{path}.#{OpenSSL::Digest::SHA256.hexdigest(body)}"
  signature = OpenSSL::HMAC.hexdigest("SHA256", SECRET, content)
  { "X-Integrator-Key" => INTEGRATOR_KEY, "X-Timestamp" => timestamp, "X-Signature" => "sha256=#{signature}" }
end

# Method and path with its query as arguments, the raw body on standard input.
method, path = ARGV
signed_headers(method, path, $stdin.binmode.read).each { |name, value| puts "#{name}: #{value}" }
