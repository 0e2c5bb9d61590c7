import { makeAccessToken } from '../access-tokens/token-format.ts'
import type { Settings } from '../config.ts'
import { parseDisplayName } from '../display-name.ts'
import { insertInstanceToken } from '../instance-token.ts'
import { visitStore } from '../storage/open-store.ts'
import { Store } from '../storage/store.ts'
import { localActor } from './local-actor.ts'
import { localSystem as system } from './local-system.ts'
import { Misuse } from './refusals.ts'
import { storeLocation } from './store-location.ts'

/**
 * The way back in when the last instance token is lost: makes one with every scope, in the order of changes and on the
 * record. The server may be running meanwhile.
 *
 * @throws Misuse for a name that is none; StartupRefusal where there is no store
 */
export async function makeLocalToken(settings: Settings, name: string): Promise<string> {
  const parsed = parseDisplayName(name)
  if ('fault' in parsed) throw new Misuse('That is no name: 1 to 255 characters, and none that moves the cursor')
  const { db, close } = await visitStore(storeLocation(settings))
  try {
    return await insert(new Store(db), parsed.name)
  } finally {
    await close()
  }
}

async function insert(store: Store, name: string): Promise<string> {
  const token = makeAccessToken(system)
  await store.transaction(async (tx) => {
    const epoch = await tx.epoch.advance()
    const place = await insertInstanceToken(tx, { token, name, actor: localActor() }, system)
    await tx.epoch.record({ epoch, workspaceId: null, part: 'access_tokens' }, place)
  })
  return token
}
