import { execFile } from 'node:child_process'
import { get, type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { createInstallation } from './installation.ts'

/** A certificate of one day for localhost, and its key. */
async function makeCertificate(directory: string) {
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const files = ['-keyout', key, '-out', cert]
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '1',
    ...subject,
    ...files,
  ])
  return { CUTOVER_TLS_CERT_FILE: cert, CUTOVER_TLS_KEY_FILE: key }
}

function fetchHead(url: string, options: RequestOptions) {
  return new Promise<{ status: number | undefined; hsts: string | undefined }>((resolve, reject) => {
    get(url, options, (response) => {
      response.resume()
      resolve({ status: response.statusCode, hsts: response.headers['strict-transport-security'] })
    }).on('error', reject)
  })
}

function signIn(address: string, token: string) {
  const headers = { origin: address, 'content-type': 'application/json' }
  return new Promise<readonly string[]>((resolve, reject) => {
    request(`${address}/v1/sessions`, { method: 'POST', headers, rejectUnauthorized: false }, (response) => {
      response.resume()
      resolve(response.headers['set-cookie'] ?? [])
    })
      .on('error', reject)
      .end(JSON.stringify({ token }))
  })
}

describe('with a certificate and its key', () => {
  it('a session is in a cookie that no plain connection carries or sets', async () => {
    await using directory = await createTemporaryDirectory()
    const installation = await createInstallation()
    const { address } = await installation.start(await makeCertificate(directory.path))
    const [cookie, ...others] = await signIn(address, installation.token)
    expect(cookie).toMatch(/^__Host-cutover_session=[0-9A-Za-z_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    expect(others).toEqual([])
  })

  it('the server speaks TLS alone, and tells browsers to stay with it', async () => {
    await using directory = await createTemporaryDirectory()
    const installation = await createInstallation()
    const { address } = await installation.start(await makeCertificate(directory.path))
    expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const head = await fetchHead(`${address}/livez`, { rejectUnauthorized: false })
    expect(head).toEqual({ status: 200, hsts: 'max-age=31536000' })
    await expect(fetch(`${address.replace('https', 'http')}/livez`)).rejects.toThrow()
  })

  it('exchanged by mistake, the start is refused in one line before a token is made', async () => {
    await using directory = await createTemporaryDirectory()
    const installation = await createInstallation()
    const { CUTOVER_TLS_CERT_FILE, CUTOVER_TLS_KEY_FILE } = await makeCertificate(directory.path)
    const { code, stdout, stderr } = await installation.attempt({
      CUTOVER_TLS_CERT_FILE: CUTOVER_TLS_KEY_FILE,
      CUTOVER_TLS_KEY_FILE: CUTOVER_TLS_CERT_FILE,
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^The TLS files hold no certificate and its key in PEM: [^\n]+\n$/)
    expect((await installation.start()).firstToken).toMatch(/^cut_/)
  })
})
