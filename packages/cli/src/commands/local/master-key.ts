import type { MasterKeyStatus, Rotation } from '@cutover/server/local'
import { Command } from 'commander'
import type { Terminal } from '../../terminal.ts'
import { showProgress } from '../../ui/progress.ts'
import { report, tell, warn } from '../../ui/report.ts'
import { table } from '../../ui/table.ts'
import { onThisMachine } from './on-this-machine.ts'

interface RotateOptions {
  readonly dropOld?: boolean
  readonly out?: string
  readonly json?: boolean
}

/** `cutover master-key`: what the secrets in the store are sealed under. */
export function masterKeyCommand(terminal: Terminal): Command {
  return new Command('master-key')
    .description('the keys that secrets are sealed under, on the machine of the server')
    .addCommand(statusCommand(terminal))
    .addCommand(rotateCommand(terminal))
}

function statusCommand(terminal: Terminal): Command {
  return new Command('status')
    .description('which keys there are, what is sealed under each, and what to do next')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const status = await onThisMachine(terminal, (local, settings) => local.masterKeyStatus(settings))
      report(terminal, options, toJson(status), () => toText(status))
    })
}

function rotateCommand(terminal: Terminal): Command {
  return new Command('rotate')
    .description('do the next step to a new master key; may be run again at any time')
    .option('--drop-old', 'take the old keys away, once nothing is sealed under them')
    .option('--out <file>', 'write the changed set of keys to a new file, in place of where it is')
    .option('--json', 'print JSON')
    .action((options: RotateOptions) => (options.dropOld ? drop(options, terminal) : rotate(options, terminal)))
}

async function rotate(options: RotateOptions, terminal: Terminal): Promise<void> {
  const progress = showProgress(terminal, 'Sealing anew')
  const watcher = {
    onProgress: options.json ? () => {} : progress.at,
    onWait: (ms: number) =>
      tell(terminal, `A node does not answer: waiting ${Math.ceil(ms / 1000)} s, to be sure that it has stopped.`),
  }
  const rotation = await onThisMachine(terminal, (local, settings) =>
    local.rotateMasterKey(settings, { out: options.out }, watcher).finally(progress.end),
  )
  report(terminal, options, { ...rotation, dropped: [] }, () => whatWasDone(rotation))
  const unopened = rotation.resealed?.unopened ?? []
  if (unopened.length > 0) {
    warn(terminal, `these secrets do not open and stay under the old key, delete them: ${unopened.join(', ')}`)
  }
}

async function drop(options: RotateOptions, terminal: Terminal): Promise<void> {
  const { kid, dropped, writtenTo, words } = await onThisMachine(terminal, (local, settings) =>
    local.dropOldMasterKeys(settings, { out: options.out }),
  )
  const next = words === null ? null : { step: 'distribute', words }
  report(terminal, options, { kid, added: false, writtenTo, resealed: null, next, dropped }, () => {
    if (dropped.length === 0) return `There is no old master key: ${kid} is the only one.`
    const where = writtenTo === null ? '' : ` The set without ${them(dropped)} is in ${writtenTo}.`
    return `Nothing needs ${dropped.join(', ')} any more: forgotten.${where}${words === null ? '' : `\n${words}`}`
  })
}

function whatWasDone({ kid, added, writtenTo, resealed, next }: Rotation): string {
  return [
    ...(added ? [`Made the key ${kid}, first in ${writtenTo}. Back that file up, apart from the store.`] : []),
    ...(resealed === null
      ? []
      : [
          `Sealed anew under ${kid}: ${resealed.secrets} secrets, ${resealed.keptAnswers} kept answers` +
            `${resealed.auditKey ? ', the signing key of the audit log' : ''}.`,
        ]),
    `Next: ${next.words}`,
  ].join('\n')
}

function toText({ source, keys, underOtherKeys, nodes, next }: MasterKeyStatus): string {
  const ofKeys = keys.map((key) => [
    ...[key.kid, key.state, key.isConfigured ? 'yes' : 'no', String(key.secrets), String(key.keptAnswers)],
    key.auditKey ? 'yes' : 'no',
  ])
  const ofNodes = nodes.map(({ nodeId, sealsWith, lacks, isSilent }) => [
    ...[nodeId, sealsWith ?? '-', lacks.join(' ') || '-', isSilent ? 'silent' : ''],
  ])
  return [
    `The master keys of ${source}:\n`,
    table(['KEY', 'STATE', 'HERE', 'SECRETS', 'ANSWERS', 'AUDIT KEY'], ofKeys),
    ...(underOtherKeys === 0 ? [] : [`\nSealed under none of them: ${underOtherKeys}`]),
    ...(nodes.length === 0 ? [] : ['', table(['NODE', 'SEALS WITH', 'LACKS', ''], ofNodes)]),
    `\nNext: ${next.words}`,
  ].join('\n')
}

function toJson({ source, keys, underOtherKeys, nodes, next }: MasterKeyStatus) {
  return {
    source,
    keys: keys.map(({ isConfigured, ...key }) => ({ ...key, configured: isConfigured })),
    underOtherKeys,
    nodes: nodes.map(({ isSilent, ...node }) => ({ ...node, silent: isSilent })),
    next,
  }
}

function them(keyIds: readonly string[]): string {
  return keyIds.length === 1 ? 'it' : 'them'
}
