import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../../../test-support/temporary-directory.ts'
import { startInProcess } from '../../../test/in-process.ts'

const index =
  '<!doctype html><meta name="csp-nonce" content="%NONCE%"><script src="/assets/index-Dx3kQ9aB.js"></script>\n'
const script = 'export const page = 1\n'.repeat(200)

async function startWithPage() {
  const directory = await createTemporaryDirectory()
  const dist = join(directory.path, 'dist')
  await mkdir(join(dist, 'assets', 'deep'), { recursive: true })
  const files: Record<string, string | Buffer> = {
    'index.html': index,
    'secret.txt': 'outside',
    'assets/index-Dx3kQ9aB.js': script,
    'assets/index-Dx3kQ9aB.js.br': brotliCompressSync(script),
    'assets/index-Dx3kQ9aB.js.gz': gzipSync(script),
    'assets/index-Dx3kQ9aB.js.map': '{}',
    'assets/style-_x-0aB9z.css': 'body{}',
    'assets/plain.js': 'no hash',
    'assets/.hidden-Dx3kQ9aB.js': 'hidden',
    'assets/deep/index-Dx3kQ9aB.js': 'deep',
    'assets/notes-Dx3kQ9aB.txt': 'notes',
  }
  for (const [name, content] of Object.entries(files)) await writeFile(join(dist, name), content)
  const cutover = await startInProcess({ dashboardDirectory: dist })
  const get = (url: string, headers: Record<string, string> = {}) => cutover.app.inject({ url, headers })
  return {
    ...{ cutover, get },
    async [Symbol.asyncDispose]() {
      await cutover[Symbol.asyncDispose]()
      await directory.remove()
    },
  }
}

describe('the page', () => {
  it('is served at / with a nonce of this very answer in it and in its policy, and is never cached', async () => {
    await using server = await startWithPage()
    const nonces = new Set<string>()
    for (let turn = 1; turn <= 3; turn += 1) {
      const page = await server.get('/')
      const nonce = /<meta name="csp-nonce" content="([A-Za-z0-9+/]{22}==)">/.exec(page.body)?.[1] ?? ''
      nonces.add(nonce)
      expect(page.statusCode).toBe(200)
      expect(page.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy':
          `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
          "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
      })
    }
    expect(nonces.size).toBe(3)
    const head = await server.cutover.app.inject({ method: 'HEAD', url: '/' })
    expect([head.statusCode, head.body, head.headers['cache-control']]).toEqual([200, '', 'no-store'])
  })

  it('has its assets cached for good, compressed where the browser takes it, and 304 to whoever has them', async () => {
    await using server = await startWithPage()
    const url = '/assets/index-Dx3kQ9aB.js'
    const plain = await server.get(url)
    expect([plain.statusCode, plain.body]).toEqual([200, script])
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(plain.headers['content-type']).toMatch(/^(?:text|application)\/javascript/)
    expect(plain.headers['vary']).toMatch(/accept-encoding/i)
    const brotli = await server.get(url, { 'accept-encoding': 'gzip, deflate, br' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(script)
    expect(brotli.headers['content-type']).toBe(plain.headers['content-type'])
    const gzip = await server.get(url, { 'accept-encoding': 'gzip' })
    expect([gzip.headers['content-encoding'], gunzipSync(gzip.rawPayload).toString()]).toEqual(['gzip', script])
    const style = await server.get('/assets/style-_x-0aB9z.css', { 'accept-encoding': 'br' })
    expect([style.headers['content-encoding'], style.body]).toEqual([undefined, 'body{}'])
    const again = await server.get(url, { 'if-none-match': String(plain.headers['etag']) })
    expect([again.statusCode, again.body]).toEqual([304, ''])
    const head = await server.cutover.app.inject({ method: 'HEAD', url })
    expect([head.statusCode, head.body, head.headers['content-length']]).toEqual([200, '', String(script.length)])
  })

  it.each([
    '/assets/index-Dx3kQ9aB.js.map',
    '/assets/index-Dx3kQ9aB.js.br',
    '/assets/plain.js',
    '/assets/.hidden-Dx3kQ9aB.js',
    '/assets/deep/index-Dx3kQ9aB.js',
    '/assets/notes-Dx3kQ9aB.txt',
    '/assets/missing-Dx3kQ9aB.js',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
    '/assets/%5c..%5csecret.txt',
    '/assets//index-Dx3kQ9aB.js',
    '/assets/index-Dx3kQ9aB.js%00.js',
    '/assets/',
    '/assets',
    '/index.html',
    '/secret.txt',
    '/secrets/12',
  ])('serves nothing else: %s is the 404 of every unknown path', async (url) => {
    await using server = await startWithPage()
    const answer = await server.get(url)
    expect([answer.statusCode, answer.json().errors[0].code]).toEqual([404, 'not_found'])
  })

  it('that was not built says how to build it, and all else works', async () => {
    await using directory = await createTemporaryDirectory()
    await using cutover = await startInProcess({ dashboardDirectory: directory.path })
    const page = await cutover.app.inject({ url: '/' })
    expect([page.statusCode, page.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8'])
    expect(page.body).toContain('npm run build')
    expect((await cutover.app.inject({ url: '/assets/index-Dx3kQ9aB.js' })).statusCode).toBe(404)
    expect((await cutover.call({ url: '/health' })).statusCode).toBe(200)
  })
})
