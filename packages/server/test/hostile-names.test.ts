import { describe, expect, it } from 'vitest'
import type { Answer } from './caller.ts'
import { type HostileName, hostileNames } from './hostile-names.ts'
import { createInstallation, engines } from './installation.ts'
import { auditEntries, brokenPromises } from './read-history.ts'

const lanes = 8

const unlimited = { CUTOVER_MAX_ACTIVE_SECRETS: '1000', CUTOVER_RATE_LIMIT_PER_MINUTE: '0' }

/** In the order of `names`, a few at a time. */
async function sendAll(names: readonly HostileName[], send: (name: string) => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < names.length; start += lanes) {
    answers.push(...(await Promise.all(names.slice(start, start + lanes).map(({ sent }) => send(sent)))))
  }
  return answers
}

function outcome({ status, text }: Answer): HostileName['expected'] | string {
  const body = JSON.parse(text)
  if (status === 201) return { kept: body.name }
  const [{ code, message, field }] = body.errors
  return status === 422 && code === 'parameter_invalid' && field === 'name' ? { refused: message } : text
}

describe.each(engines)('five hundred hostile names on %s', (engine) => {
  it('come back exactly, in the answer and in the list, or are refused, and break no log line', async () => {
    const names = hostileNames()
    expect(names.length).toBeGreaterThanOrEqual(500)
    expect(new Set(names.map(({ sent }) => sent)).size).toBe(names.length)
    const installation = await createInstallation(engine)
    const cutover = await installation.start(unlimited)
    const answers = await sendAll(names, (name) => cutover.caller.post(name))

    for (const [index, { sent, expected }] of names.entries()) {
      expect(answers[index] && outcome(answers[index]), JSON.stringify(sent)).toEqual(expected)
    }
    const created = answers.filter(({ status }) => status === 201).map(({ text }) => JSON.parse(text))
    const listed = await cutover.caller.list()
    expect(new Map(listed.map(({ id, name }) => [id, name]))).toEqual(
      new Map(created.map(({ id, name }) => [id, name])),
    )

    const { workspaceId } = JSON.parse((await cutover.caller.call('GET', '/health')).text)
    await cutover.kill('SIGTERM')
    expect(await installation.read((db) => brokenPromises(db, engine))).toEqual([])
    const entries = await installation.read((db) => auditEntries(db, workspaceId))
    const audited = entries.filter(({ result }) => result === 'success').map(({ metadata }) => metadata['name'])
    expect(audited.sort()).toEqual(listed.map(({ name }) => name).sort())

    const lines = cutover.stderr.trimEnd().split('\n')
    const requests = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
    expect(requests).toHaveLength(cutover.caller.answers.length)
    expect(cutover.stdout).toMatch(/^First start: [^\n]+\n\n {2}cut_\w+\n\nCutover is listening at [^\n]+\n$/)
  })
})
