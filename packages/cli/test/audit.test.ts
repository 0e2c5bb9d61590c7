import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { AuditEntry } from '@cutover/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTemporaryDirectory, type TemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { startCutoverCommand } from './run-cutover.ts'
import { Served } from './served.ts'

let served: Served
let directory: TemporaryDirectory
beforeAll(async () => {
  served = await Served.start()
  directory = await createTemporaryDirectory()
  for (let count = 0; count < 12; count += 1) await served.makeSecret(`secret ${count}`)
})
afterAll(async () => {
  await served.end()
  await directory.remove()
})

const at = (name: string) => join(directory.path, name)

describe('audit list', () => {
  it('shows what happened last, the latest first', async () => {
    const { stdout } = await served.run(['audit', 'list', '--limit', '3'])
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^NO +TIME \(UTC\) +ACTION +RESULT +OF +BY$/)
    expect(rows).toHaveLength(3)
    expect(rows[0]).toMatch(/^12 +\d{4}-\d\d-\d\d [\d:]{8} +identity_secret\.created +done +12 +First token$/)
  })

  it('takes the filters of the API', async () => {
    const filters = ['--action', 'identity_secret.created', '--resource', '2', '--result', 'success']
    const { data } = await served.json<{ data: AuditEntry[] }>(['audit', 'list', ...filters])
    expect(data.map(({ sequence }) => sequence)).toEqual([2])
    const none = await served.run(['audit', 'list', '--result', 'failure'])
    expect([none.code, none.stdout, none.stderr]).toEqual([0, '', 'The audit log has no such entry.\n'])
    const instance = await served.json<{ data: AuditEntry[] }>(['audit', 'list', '--chain', 'instance'])
    expect(instance.data).not.toEqual([])
    expect((await served.run(['audit', 'list', '--limit', '0'])).code).toBe(2)
  })
})

describe('audit export, and verify', () => {
  it('writes the whole chain for its owner alone, with a checkpoint that vouches for it', async () => {
    const [out, checkpoints] = [at('audit.ndjson'), at('checkpoints.ndjson')]
    const exported = await served.run(['audit', 'export', '--out', out, '--checkpoint-out', checkpoints])
    expect([exported.code, exported.stdout]).toEqual([
      0,
      `12 entries are in ${out}. A checkpoint of the first 12 is in ${checkpoints}.\n`,
    ])
    expect([(await stat(out)).mode & 0o777, (await stat(checkpoints)).mode & 0o777]).toEqual([0o600, 0o600])
    const verified = await served.run(['audit', 'verify', out, '--checkpoints', checkpoints])
    expect([verified.code, verified.stdout]).toEqual([0, 'All 12 entries fit. Checkpoints vouch for them.\n'])
    const again = await served.json(['audit', 'export', '--out', out, '--checkpoint-out', checkpoints])
    expect(again).toMatchObject({ out, entries: 12, checkpoint: { size: 12 } })
    expect((await readFile(checkpoints, 'utf8')).trimEnd().split('\n')).toHaveLength(2)
  })

  it('verifies offline with a key from a file, and without checkpoints with none', async () => {
    const offline = { env: { CUTOVER_URL: 'http://127.0.0.1:1', CUTOVER_TOKEN: '' } }
    await writeFile(at('key.json'), (await served.caller.call('GET', '/v1/audit-log/key')).text)
    const parameters = ['audit', 'verify', at('audit.ndjson'), '--checkpoints', at('checkpoints.ndjson')]
    const withKey = await served.json([...parameters, '--key', at('key.json')], offline)
    expect(withKey).toEqual({ verified: true, size: 12, headHash: expect.any(String), checkpointedSize: 12 })
    const alone = await served.run(['audit', 'verify', at('audit.ndjson')], offline)
    expect([alone.code, alone.stdout]).toEqual([0, 'All 12 entries fit. No checkpoint vouches for them.\n'])
    expect((await served.run(parameters, offline)).code).toBe(2)
  })

  it('names the first entry that does not fit', async () => {
    const text = await readFile(at('audit.ndjson'), 'utf8')
    await writeFile(at('edited.ndjson'), text.replace('"secret 4"', '"secret x"'))
    const edited = await served.run(['audit', 'verify', at('edited.ndjson')])
    expect([edited.code, edited.stdout, edited.stderr]).toEqual([
      1,
      '',
      expect.stringMatching(/^error: Entry 5 does not fit \(edited\): it is not what was written/),
    ])
    const cut = text.split('\n').slice(0, 9).join('\n')
    const parameters = ['audit', 'verify', '-', '--checkpoints', at('checkpoints.ndjson')]
    const cutOff = await served.run([...parameters, '--json'], { stdin: `${cut}\n` })
    expect([cutOff.code, JSON.parse(cutOff.stdout)]).toEqual([
      1,
      { verified: false, sequence: 10, reason: 'cut_off', checkpointedSize: 0 },
    ])
  })

  it('reads the lines of a log that hold a checkpoint, and those of one chain among several', async () => {
    const [own = ''] = (await readFile(at('checkpoints.ndjson'), 'utf8')).split('\n')
    const { chain } = JSON.parse(own)
    const { text } = await served.caller.call('GET', '/v1/audit-log/checkpoint?chain=instance')
    const lines = [JSON.stringify({ msg: 'audit checkpoint', checkpoint: JSON.parse(own) }), text]
    await writeFile(at('log.ndjson'), lines.join('\n'))
    const parameters = ['audit', 'verify', at('audit.ndjson'), '--checkpoints', at('log.ndjson')]
    const several = await served.run(parameters)
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('--chain says which ones')])
    const one = await served.run([...parameters, '--chain', chain])
    expect([one.code, one.stdout]).toEqual([0, 'All 12 entries fit. Checkpoints vouch for them.\n'])
  })

  it('is misused with what is no file, no JSON or no checkpoint', async () => {
    await writeFile(at('prose.txt'), 'not JSON\n')
    const parameters = ['audit', 'verify', at('audit.ndjson'), '--checkpoints']
    const missing = await served.run(['audit', 'verify', at('missing')])
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('it does not exist')])
    const noJson = await served.run([...parameters, at('prose.txt')])
    expect([noJson.code, noJson.stderr]).toEqual([2, expect.stringContaining('prose.txt, line 1, is no JSON object')])
    expect((await served.run([...parameters, at('key.json')])).code).toBe(2)
  })

  it('streams to standard output without --out, and ends well when its reader does not read on', async () => {
    const { code, stdout, stderr } = await served.run(['audit', 'export'])
    expect([code, stderr, stdout]).toEqual([0, '', await readFile(at('audit.ndjson'), 'utf8')])
    const child = startCutoverCommand(['audit', 'export'], { env: served.environment })
    child.stdout.destroy()
    let complaint = ''
    child.stderr.on('data', (text) => {
      complaint += text
    })
    expect([(await once(child, 'close'))[0], complaint]).toEqual([0, ''])
  })
})

describe('an export that breaks off', () => {
  it('leaves no file, and the one that was there as it was', async () => {
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write('{"sequence":1}\n', () => request.socket.destroy())
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // sound: it listens on TCP
    await using here = await createTemporaryDirectory()
    await writeFile(join(here.path, 'kept'), 'an export from before')
    try {
      for (const name of ['new', 'kept']) {
        const { code, stderr } = await served.run(['audit', 'export', '--out', join(here.path, name)], {
          env: { CUTOVER_URL: url },
        })
        expect([code, stderr]).toEqual([4, expect.stringContaining('broke off')])
      }
      expect(await readdir(here.path)).toEqual(['kept'])
      expect(await readFile(join(here.path, 'kept'), 'utf8')).toBe('an export from before')
    } finally {
      server.close()
    }
  })

  it('by Ctrl-C leaves no file either', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' })
      response.write('{"sequence":1}\n')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // sound: it listens on TCP
    await using here = await createTemporaryDirectory()
    try {
      const env = { ...served.environment, CUTOVER_URL: url }
      const child = startCutoverCommand(['audit', 'export', '--out', join(here.path, 'out')], { env })
      await expect.poll(() => readdir(here.path), { timeout: 10_000, interval: 50 }).toHaveLength(1)
      child.kill('SIGINT')
      expect((await once(child, 'close'))[0]).toBe(130)
      expect(await readdir(here.path)).toEqual([])
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
