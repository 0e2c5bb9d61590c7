import { describe, expect, it } from 'vitest'
import { createInstallation, engines } from './installation.ts'

const accepted = (secretId: string) => ({
  verified: true,
  decision: 'allow',
  reason: null,
  method: 'userHash',
  userId: 'user_1',
  secretId,
  secretExpiresAt: null,
  enforcement: 'enforce',
})

const refused = (reason: string) => ({
  verified: false,
  decision: 'reject',
  reason,
  method: 'userHash',
  userId: null,
  secretId: null,
  secretExpiresAt: null,
  enforcement: 'enforce',
})

describe.each(engines)('a whole rotation on %s', (engine) => {
  it('accepts the old and the new secret side by side, and never the deleted one again', async () => {
    const installation = await createInstallation(engine)
    const first = await installation.start()
    const old = await first.caller.create('Spring')
    expect(await first.caller.verify(old.secret)).toEqual(accepted(old.id))
    const young = await first.caller.create('Autumn')
    expect(await first.caller.verify(old.secret)).toEqual(accepted(old.id))
    expect(await first.caller.verify(young.secret)).toEqual(accepted(young.id))

    const deleted = await first.caller.delete(old.id)
    expect({ status: deleted.status, text: deleted.text }).toEqual({ status: 204, text: '' })
    // The first start, two creates and this delete: one change each.
    expect(deleted.headers.get('cutover-revocation-epoch')).toBe('4')
    expect(await first.caller.verify(old.secret)).toEqual(refused('mismatch'))
    expect(await first.caller.verify(young.secret)).toEqual(accepted(young.id))
    expect(await first.kill('SIGTERM')).toEqual({ code: 0, signal: null })

    const second = await installation.start()
    expect(await second.caller.verify(old.secret)).toEqual(refused('mismatch'))
    expect(await second.caller.verify(young.secret)).toEqual(accepted(young.id))
    const { secret: _, ...shown } = young
    expect(await second.caller.list()).toEqual([shown])
    expect((await second.caller.delete(old.id)).status).toBe(404)
    expect((await second.caller.delete(young.id)).status).toBe(204)
    expect(await second.caller.verify(young.secret)).toEqual(refused('no_active_secret'))
    const { id } = await second.caller.create('Winter')
    expect(Number(id)).toBeGreaterThan(Number(young.id))
  })
})
