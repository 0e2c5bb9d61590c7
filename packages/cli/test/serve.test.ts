import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { NodeList } from '@cutover/contract'
import { expect, it, onTestFinished } from 'vitest'
import { OnMachine } from './on-machine.ts'

/** Starts it as a user would, and resolves with where it listens. */
async function serve(machine: OnMachine, ...parameters: string[]) {
  const child = machine.begin(['serve', ...parameters], { PORT: '0' })
  const exited = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  child.stderr.resume()
  let stdout = ''
  child.stdout.setEncoding('utf8')
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    stdout += chunk
    if (stdout.includes('Cutover is listening at')) break
  }
  const address = /listening at (\S+) /.exec(stdout)?.[1] ?? ''
  const token = /^ {2}(cut_\w+)$/m.exec(stdout)?.[1] ?? ''
  const stop = async () => {
    child.kill('SIGTERM')
    const [code] = await exited
    return code
  }
  return { address, token, stop }
}

async function nodesOf({ address, token }: { address: string; token: string }): Promise<NodeList['data']> {
  const answer = await fetch(`${address}/v1/nodes`, { headers: { authorization: `Bearer ${token}` } })
  return ((await answer.json()) as NodeList).data
}

it('serve starts a server, shows its first token, and ends it when it is told to', async () => {
  const server = await serve(await OnMachine.prepare())
  expect(server.token).toMatch(/^cut_\w{38}$/)
  expect(await nodesOf(server)).toHaveLength(1)
  expect(await server.stop()).toBe(0)
})

it('serve --workers starts so many processes on one port', async () => {
  const server = await serve(await OnMachine.prepare(), '--workers', '3')
  expect(await nodesOf(server)).toHaveLength(3)
  expect(await server.stop()).toBe(0)
})

it('serve refuses a second installation on one data directory, in one line', async () => {
  const machine = await OnMachine.prepare()
  await serve(machine)
  const child = machine.begin(['serve'], { PORT: '0' })
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  const { dataDirectory } = machine.installation
  expect([code, stderr]).toEqual([
    1,
    `error: Another Cutover is running on the data directory ${dataDirectory}: stop it first.\n`,
  ])
})

it.each(['0', '65', 'many'])('serve refuses --workers %s before it starts anything', async (workers) => {
  const machine = await OnMachine.prepare()
  const { code, stdout, stderr } = await machine.run(['serve', '--workers', workers])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('It is a number from 1 to 64.')
})
