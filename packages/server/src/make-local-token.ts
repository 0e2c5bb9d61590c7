import './require-node.ts'
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { makeAccessToken } from './access-tokens/token-format.ts'
import { readSettings } from './config.ts'
import { parseDisplayName } from './display-name.ts'
import { insertInstanceToken } from './instance-token.ts'
import { StartupRefusal } from './startup-refusal.ts'
import { visitStore } from './storage/open-store.ts'
import { Store } from './storage/store.ts'

// The way back in when the last instance token is lost. Whoever may read and write the store may do this anyway; here
// it is done properly: in the order of changes, and on the record. The server may be running meanwhile.

const usage = 'Usage: npm run -s token -- --local [--name NAME]'
const system = { nowMs: Date.now, randomBytes }

process.umask(0o077)
try {
  const name = parseCommandLine()
  const settings = readSettings(process.env)
  const opened = await visitStore({
    dataDirectory: settings.CUTOVER_DATA_DIR,
    databaseUrl: settings.CUTOVER_DATABASE_URL,
    onDiskFailure: () => process.exit(1),
  })
  const token = await makeInstanceToken(new Store(opened.db), name)
  await opened.close()
  process.stdout.write(`${token}\n`)
} catch (error) {
  const isExpected = error instanceof StartupRefusal
  process.stderr.write(`${isExpected ? error.message : `The token could not be made: ${String(error)}`}\n`)
  process.exitCode = isExpected && error.message === usage ? 2 : 1
}

function parseCommandLine(): string {
  const { local, name = 'Made on the machine' } = readArguments()
  const parsed = parseDisplayName(name)
  if (!local || 'fault' in parsed) throw new StartupRefusal(usage)
  return parsed.name
}

function readArguments() {
  try {
    return parseArgs({ options: { local: { type: 'boolean' }, name: { type: 'string' } } }).values
  } catch {
    throw new StartupRefusal(usage)
  }
}

async function makeInstanceToken(store: Store, name: string): Promise<string> {
  const token = makeAccessToken(system)
  const actor = { type: 'system', id: 'local', name: userInfo().username } as const
  await store.transaction(async (tx) => {
    const epoch = await tx.epoch.advance()
    const place = await insertInstanceToken(tx, { token, name, actor }, system)
    await tx.epoch.record({ epoch, workspaceId: null, part: 'access_tokens' }, place)
  })
  return token
}
