import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTemporaryDirectory } from '../../../test-support/temporary-directory.ts'
import { created, list, secrets } from '../../client/test/intercom/documented-answers.ts'
import { DocumentedIntercom, token } from '../../client/test/intercom/documented-server.ts'
import { runCutover } from './run-cutover.ts'

const [old] = secrets
const listed = 'GET /secure_mode_secrets'

/** A customer's machine, from which a secret of Intercom is rotated. */
async function machine(intercom: DocumentedIntercom) {
  const directory = await createTemporaryDirectory()
  const { baseUrl } = intercom
  const env = { HOME: directory.path, CUTOVER_TOKEN: token }
  const to = ['--intercom', '--url', baseUrl, '--deploy', 'cat > deployed', '--quiet-seconds', '0']
  return {
    rotate: (...parameters: string[]) =>
      runCutover(['rotate', old.id, ...to, ...parameters], { env, cwd: directory.path }),
    deployed: () => readFile(join(directory.path, 'deployed'), 'utf8'),
    [Symbol.asyncDispose]: () => directory.remove(),
  }
}

function creates(intercom: DocumentedIntercom): { readonly name: string }[] {
  return intercom.requests
    .filter((each) => each.startsWith('POST'))
    .map((each) => JSON.parse(each.slice(each.indexOf('{'))))
}

describe('cutover rotate against Intercom', () => {
  it('makes, hands over and deletes, with the three calls that Intercom documents', async () => {
    await using intercom = await DocumentedIntercom.start()
    await using here = await machine(intercom)
    const ended = await here.rotate('--yes', '--json')
    expect(ended).toMatchObject({ code: 0 })
    expect(JSON.parse(ended.stdout)).toMatchObject({
      oldId: old.id,
      newId: created.id,
      deleted: true,
      revocationEpoch: null,
    })
    expect(await here.deployed()).toBe(created.secret)
    const [made, ...more] = creates(intercom)
    expect([made?.name, more]).toEqual([
      expect.stringMatching(/^Production Web, rotated \d{4}-\d\d-\d\d [0-9a-f]{6}$/),
      [],
    ])
    expect(intercom.requests.filter((each) => each !== listed).map((each) => each.split(' {')[0])).toEqual([
      'POST /secure_mode_secrets',
      `DELETE /secure_mode_secrets/${old.id}`,
    ])
  })

  it('deletes nothing before somebody has confirmed it, since Intercom does not tell who signs with what', async () => {
    await using intercom = await DocumentedIntercom.start()
    await using here = await machine(intercom)
    const held = await here.rotate()
    expect([held.code, held.stderr]).toEqual([
      3,
      expect.stringContaining('Nobody confirmed that secret 102 may be deleted'),
    ])
    expect(intercom.requests.some((each) => each.startsWith('DELETE'))).toBe(false)
    expect(await here.rotate('--yes')).toMatchObject({ code: 0 })
    expect(creates(intercom)).toHaveLength(1)
  })

  it('finds what it made when the answer was lost, deletes it, and makes another', async () => {
    await using intercom = await DocumentedIntercom.start()
    await using here = await machine(intercom)
    // Looked up before the plan, for what there is, and for the platforms; the fourth request is the create.
    intercom.next.push(...[1, 2, 3].map(() => ({ status: 200, body: list })), 'lost')
    expect((await here.rotate('--yes')).code).toBe(4)
    const [{ name } = { name: '' }] = creates(intercom)
    const orphan = { ...old, id: '140', name }
    const withOrphan = { status: 200, body: { type: 'list', data: [...secrets, orphan] } }
    intercom.next.push(withOrphan, withOrphan, { status: 204 })
    expect(await here.rotate('--yes')).toMatchObject({ code: 0 })
    const deletes = intercom.requests.filter((each) => each.startsWith('DELETE'))
    expect(deletes).toEqual(['DELETE /secure_mode_secrets/140', `DELETE /secure_mode_secrets/${old.id}`])
    expect(creates(intercom)).toHaveLength(2)
  })
})
