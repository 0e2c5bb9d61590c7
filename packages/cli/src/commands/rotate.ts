import { confirm } from '@clack/prompts'
import type { CutoverClient } from '@cutover/client'
import { Command, Option } from 'commander'
import { type ConnectionOptions, connect, connectToIntercom, resolveConnection, withIntercom } from '../connection.ts'
import { parseSeconds } from '../parse-seconds.ts'
import { cutoverView } from '../rotation/cutover-view.ts'
import { type Deployment, type DeploymentOptions, deploymentOf } from '../rotation/deployment.ts'
import { Interruption } from '../rotation/interruption.ts'
import { cutoverServer, intercomServer, type OldSecret, type RotatedServer } from '../rotation/rotated-server.ts'
import { lockRotation } from '../rotation/rotation-lock.ts'
import { RotationFile, type RotationState, type RotationSubject, type Watching } from '../rotation/rotation-state.ts'
import { prepareCutover, type RotationPorts } from '../rotation/run-rotation.ts'
import { waitQuietly } from '../rotation/wait-quietly.ts'
import { type Deleted, watchCutover } from '../rotation/watch-cutover.ts'
import { isInteractive, type Terminal } from '../terminal.ts'
import { report, tell } from '../ui/report.ts'
import { onOneLine } from '../ui/table.ts'
import { twoUnitSpan } from '../ui/times.ts'

interface RotateOptions extends ConnectionOptions, DeploymentOptions {
  readonly check?: string
  readonly quietSeconds?: number
  readonly timeout?: number
  readonly yes?: boolean
  readonly dryRun?: boolean
}

/** Where nothing tells whether traffic has moved, an hour is what a careful person waits. */
const defaultQuietSeconds = 3600

/** `cutover rotate`: a rotation from start to finish, which may be interrupted anywhere and run again. */
export function rotateCommand(terminal: Terminal): Command {
  return withIntercom(new Command('rotate'))
    .description('replace a secret: make its successor, hand it over, watch the traffic move, delete the old one')
    .argument('<id>', 'the secret that is to go')
    .addOption(new Option('--deploy <command>', 'hand the new secret to this command, on its standard input'))
    .addOption(new Option('--env-file <file>', 'set it in this file; needs --name'))
    .addOption(new Option('--name <variable>', 'the variable of --env-file'))
    .addOption(new Option('--out <file>', 'write it to this file, 0600; - for standard output'))
    .addOption(new Option('--check <command>', 'must end with 0 before anything is waited for'))
    .addOption(new Option('--quiet-seconds <n>', 'how long nobody may have used the old one').argParser(parseSeconds))
    .addOption(new Option('--timeout <seconds>', 'stop waiting then, with exit code 3').argParser(parseSeconds))
    .addOption(new Option('--yes', 'ask nothing'))
    .addOption(new Option('--dry-run', 'say what would be done'))
    .action(async (id: string, options: RotateOptions) => {
      const deployment = deploymentOf(options, terminal)
      await rotate({ terminal, options, deployment, ...(await findServer(options, terminal)), id })
    })
}

interface Found {
  readonly server: RotatedServer
  /** `null`: Intercom, which tells no usage. */
  readonly client: CutoverClient | null
  readonly place: Omit<RotationSubject, 'secretId'>
}

interface Rotating extends Found {
  readonly terminal: Terminal
  readonly options: RotateOptions
  readonly deployment: Deployment | null
  readonly id: string
}

async function findServer(options: RotateOptions, terminal: Terminal): Promise<Found> {
  const intercom = await connectToIntercom(options, terminal)
  if (intercom !== null) {
    const { baseUrl } = await resolveConnection(options, terminal)
    return { server: intercomServer(intercom), client: null, place: { baseUrl, workspaceId: null } }
  }
  const { client, baseUrl } = await connect(options, terminal)
  const { workspaceId } = await client.health()
  return { server: cutoverServer(client), client, place: { baseUrl, workspaceId } }
}

async function rotate(rotating: Rotating): Promise<void> {
  const { terminal, options, server, id, place } = rotating
  const file = new RotationFile(terminal, { ...place, secretId: id })
  const old = await server.old(id)
  if (options.dryRun) return showPlan(rotating, old)
  const unlock = await lockRotation(file.path)
  const interruption = new Interruption()
  try {
    const begun = await file.read()
    if (old.isGone && !holdsSecret(begun)) await endGone(rotating, { file, begun, old })
    else await finish(rotating, { terminal, server, file, interruption }, old)
  } catch (error) {
    if (await file.read().catch(() => null)) tell(terminal, 'To go on from here, run the same command again.')
    throw error
  } finally {
    interruption.release()
    unlock()
  }
}

/** Its successor exists, and nobody but this file knows its secret yet: it is handed over whatever became of the old one. */
const holdsSecret = (begun: RotationState | null) => begun?.step === 'created' || begun?.step === 'deployed'

interface Gone {
  readonly file: RotationFile
  readonly begun: RotationState | null
  readonly old: OldSecret
}

async function endGone({ terminal, options, id }: Rotating, { file, begun, old }: Gone): Promise<void> {
  const newId = begun?.step === 'watching' ? begun.successor.id : old.successorId
  await file.remove()
  const heir = newId === null ? '' : ` Its successor is ${newId}.`
  report(terminal, options, { oldId: id, newId, deleted: true }, () => `Secret ${id} is deleted already.${heir}`)
}

async function finish(rotating: Rotating, ports: RotationPorts, old: OldSecret): Promise<void> {
  const { terminal, options, deployment, place, id } = rotating
  const plan = {
    subject: { ...place, secretId: id },
    deployment,
    check: options.check,
    confirmOrphan: (orphan: { id: string; createdAt: string }) => confirmOrphan(rotating, orphan),
  }
  const watching = await prepareCutover(
    old.isGone ? { ...ports, server: withoutKeeping(ports.server) } : ports,
    plan,
    old,
  )
  const { revocationEpoch } = old.isGone
    ? { revocationEpoch: null }
    : await untilDeleted(rotating, ports, { watching, old })
  await ports.file.remove()
  const { id: newId, fingerprint } = watching.successor
  report(
    terminal,
    options,
    { oldId: id, newId, fingerprint: fingerprint || null, deleted: true, revocationEpoch },
    () =>
      [
        `Deleted secret ${id} "${onOneLine(old.name)}".`,
        `No node accepts it any more; ${newId} has taken its place.`,
      ].join(' '),
  )
}

/** What is deleted has no end to be taken back. */
const withoutKeeping = (server: RotatedServer): RotatedServer => ({ ...server, keepOld: async () => {} })

async function untilDeleted(
  { terminal, options, client, server, id }: Rotating,
  { interruption: { signal } }: RotationPorts,
  { watching, old }: { readonly watching: Watching; readonly old: OldSecret },
): Promise<Deleted> {
  const { successor } = watching
  if (client !== null) {
    const watched = {
      ...{ oldId: id, newId: successor.id },
      ...{ quietSeconds: options.quietSeconds, timeoutSeconds: options.timeout },
    }
    const view = cutoverView(terminal, { old: `${id} ${old.name}`, new: `${successor.id} ${successor.name}` })
    return watchCutover(client, watched, { view, signal })
  }
  const quietSeconds = options.quietSeconds ?? defaultQuietSeconds
  const wait = { oldId: id, since: watching.deployedAt, quietSeconds, isConfirmed: options.yes === true }
  await waitQuietly(terminal, wait, signal)
  return server.delete(id)
}

async function confirmOrphan({ terminal, options }: Rotating, orphan: { id: string; createdAt: string }) {
  if (options.yes) return true
  if (!isInteractive(terminal)) return false
  const message =
    `The answer that showed secret ${orphan.id} (made at ${orphan.createdAt}, never used) was lost. ` +
    'Delete it, and make another one?'
  return (await confirm({ message, input: terminal.stdin, output: terminal.stderr })) === true
}

function showPlan({ terminal, options, deployment, id }: Rotating, old: OldSecret): void {
  const steps = [
    `Create the successor of secret ${id} "${onOneLine(old.name)}", with the same platforms; both are accepted.`,
    deployment ? `Deploy: ${deployment.plan}.` : 'Deploy: nothing; the successor that there is has been deployed.',
    ...(options.check === undefined ? [] : [`Check: \`${options.check}\` must end with 0.`]),
    `Wait until nobody has used the old one for ${quietInWords(options)}.`,
    `Delete secret ${id}.`,
  ]
  report(terminal, options, { secretId: id, steps }, () =>
    steps.map((step, index) => `${index + 1}. ${step}`).join('\n'),
  )
}

function quietInWords({ quietSeconds }: RotateOptions): string {
  return quietSeconds === undefined ? 'as long as its own habits call for' : twoUnitSpan(quietSeconds)
}
