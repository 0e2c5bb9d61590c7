import { randomUUID } from 'node:crypto'
import { misused, refused } from '../failure.ts'
import type { Terminal } from '../terminal.ts'
import { tell } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { type Deployment, hookEnvironment } from './deployment.ts'
import type { Interruption } from './interruption.ts'
import type { NewSecret, OldSecret, Orphan, RotatedServer } from './rotated-server.ts'
import type {
  Created,
  Creating,
  Deployed,
  RotationFile,
  RotationState,
  RotationSubject,
  Watching,
} from './rotation-state.ts'
import { runHook } from './run-hook.ts'

export interface RotationPorts {
  readonly terminal: Terminal
  readonly server: RotatedServer
  readonly file: RotationFile
  readonly interruption: Interruption
}

export interface RotationPlan {
  readonly subject: RotationSubject
  readonly deployment: Deployment | null
  /** For the shell; it is run once the secret was handed over. */
  readonly check: string | undefined
  /** Whether a successor that nobody has used, and whose answer was lost, may go. */
  confirmOrphan(orphan: Orphan): Promise<boolean>
}

/** A plan, and whether an earlier run has begun with it. */
interface Run extends RotationPlan {
  readonly isResumed: boolean
}

/**
 * Brings a rotation to where the old secret only has to be waited for: creates the successor, hands it over, checks it.
 * Each step is written down before the next one begins, and may be done twice: whatever ends this process, the next run
 * goes on from there, and there is one successor in the end.
 */
export async function prepareCutover(ports: RotationPorts, plan: RotationPlan, old: OldSecret): Promise<Watching> {
  const { interruption, file, terminal } = ports
  const known = await file.read()
  if (known?.step === 'watching') return known
  if (known === null && plan.deployment === null && old.successorId !== null) return watchOnly(plan, old.successorId)
  const run = { ...plan, isResumed: known !== null }
  await deploymentOrRefuse(plan).prepare(run.isResumed)
  if (known !== null) tell(terminal, `Going on with the rotation that began at ${known.startedAt} (${known.step}).`)

  let state: RotationState = known ?? (await begin(ports, plan, old))
  while (state.step !== 'watching') {
    interruption.throwIfAsked()
    state = await nextStep(ports, run, state)
    await file.write(state)
  }
  interruption.throwIfAsked()
  return state
}

async function begin({ server, file }: RotationPorts, { subject }: RotationPlan, old: OldSecret): Promise<Creating> {
  const creating: Creating = {
    ...subject,
    step: 'creating',
    startedAt: new Date().toISOString(),
    hadEnd: old.hasEnd,
    idempotencyKey: newKey(),
    ...(await server.beforeCreate(old)),
  }
  await file.write(creating)
  return creating
}

const newKey = () => `rotate-${randomUUID()}`

function nextStep(ports: RotationPorts, run: Run, state: Exclude<RotationState, Watching>) {
  switch (state.step) {
    case 'creating':
      return create(ports, run, state)
    case 'created':
      return handOver(ports, run, state)
    case 'deployed':
      return check(ports, run, state)
  }
}

/** Somebody else made the successor and knows its secret: what is left is to wait, and to delete. */
function watchOnly({ subject }: RotationPlan, successorId: string): Watching {
  const at = new Date().toISOString()
  const successor = { id: successorId, name: '', fingerprint: '' }
  return { ...subject, step: 'watching', startedAt: at, hadEnd: true, successor, deployedAt: at }
}

function deploymentOrRefuse({ deployment }: RotationPlan): Deployment {
  if (deployment !== null) return deployment
  throw misused('The new secret has nowhere to go', {
    hint: 'say where: --deploy COMMAND, --env-file FILE --name VARIABLE, or --out FILE',
  })
}

async function create(ports: RotationPorts, run: Run, creating: Creating): Promise<Created | Creating> {
  const { server, terminal } = ports
  const made = await server.create(creating)
  if (!('secret' in made)) return startAgain(ports, run, creating, made)
  const { step: _, idempotencyKey: _key, knownIds: _ids, successorName: _name, ...begun } = creating
  const { secret } = made
  tell(terminal, `Created secret ${made.id} "${onOneLine(made.name)}" (${made.fingerprint}).`)
  return { ...begun, step: 'created', successor: withoutSecret(made), secret }
}

function withoutSecret({ id, name, fingerprint }: NewSecret) {
  return { id, name, fingerprint }
}

/**
 * A successor was made, and no answer shows it any more. Where an earlier run of this rotation asked for it, nobody
 * holds its secret: it goes, and another one is made. Otherwise it is somebody else's.
 */
async function startAgain(ports: RotationPorts, run: Run, creating: Creating, orphan: Orphan): Promise<Creating> {
  if (!run.isResumed) {
    // Nothing was begun here: the next run must not take that successor for its own.
    await ports.file.remove()
    throw rotatedByOthers(orphan)
  }
  if (orphan.wasUsed || !(await run.confirmOrphan(orphan))) throw rotatedByOthers(orphan)
  await ports.server.delete(orphan.id)
  tell(ports.terminal, `Deleted secret ${orphan.id}: the answer that showed it was lost.`)
  return { ...creating, idempotencyKey: newKey() }
}

function rotatedByOthers({ id, createdAt, wasUsed }: Orphan) {
  const toWait = 'to wait for that cutover, leave out where the new secret goes'
  const hint = wasUsed ? toWait : `${toWait}; if nobody has its secret: cutover secrets delete ${id} --force`
  return refused(`The secret was rotated already, to ${id} at ${createdAt}`, { hint })
}

async function handOver({ server, terminal }: RotationPorts, run: Run, created: Created): Promise<Deployed> {
  // Nothing breaks by itself, however long the cutover takes: the old one ends when it is deleted.
  if (!created.hadEnd) await server.keepOld(created.secretId)
  const deployment = deploymentOrRefuse(run)
  await deployment.hand(created.secret, created.successor)
  tell(terminal, `Deployed: ${deployment.plan}.`)
  return { ...created, step: 'deployed' }
}

async function check({ terminal, file }: RotationPorts, run: Run, deployed: Deployed): Promise<Watching> {
  const { step: _, secret, ...begun } = deployed
  if (run.check !== undefined) {
    const env = hookEnvironment(deployed.successor)
    try {
      await runHook(terminal, { what: 'The check', command: run.check, stdin: secret, env })
    } catch (error) {
      // What was handed over does not work: the next run hands it over anew.
      await file.write({ ...deployed, step: 'created' })
      throw error
    }
    tell(terminal, 'Checked.')
  }
  return { ...begun, step: 'watching', deployedAt: new Date().toISOString() }
}
