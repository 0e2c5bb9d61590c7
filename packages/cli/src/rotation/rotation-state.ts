import { createHash } from 'node:crypto'
import { mkdir, readFile, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { failed } from '../failure.ts'
import { assertPrivate, reasonOf, writePrivateFile } from '../private-file.ts'
import type { Terminal } from '../terminal.ts'

/** What is rotated, and where: two of them never share a file. */
export interface RotationSubject {
  readonly baseUrl: string
  /** `null`: a server without workspaces. */
  readonly workspaceId: string | null
  readonly secretId: string
}

interface Begun extends RotationSubject {
  readonly startedAt: string
  /** The old one has an end that somebody else had set: it is left as it is. */
  readonly hadEnd: boolean
}

/** Before the successor is asked for: whether there is one already shows only on the server. */
export interface Creating extends Begun {
  readonly step: 'creating'
  /** With it the request may be sent again for 10 minutes, and still makes one successor. */
  readonly idempotencyKey: string
  /** Secrets that there were before. `null`: the server needs no such list to answer a repeat. */
  readonly knownIds: readonly string[] | null
  readonly successorName: string | null
}

export interface Successor {
  readonly id: string
  readonly name: string
  readonly fingerprint: string
}

/** Between the creation and the proof of its deployment the file is the one place that holds the new secret. */
export interface Created extends Begun {
  readonly step: 'created'
  readonly successor: Successor
  readonly secret: string
}

/** Handed over, and not checked yet: it may have to be handed over again. */
export interface Deployed extends Begun {
  readonly step: 'deployed'
  readonly successor: Successor
  readonly secret: string
}

/** Somebody else holds the secret now. */
export interface Watching extends Begun {
  readonly step: 'watching'
  readonly successor: Successor
  readonly deployedAt: string
}

export type RotationState = Creating | Created | Deployed | Watching

/** A rotation's memory, so that one that was interrupted anywhere goes on from there. */
export class RotationFile {
  readonly path: string

  constructor(terminal: Pick<Terminal, 'env'>, subject: RotationSubject) {
    this.path = join(stateDirectory(terminal), `${fileName(subject)}.json`)
  }

  /** `null`: nothing is under way. */
  async read(): Promise<RotationState | null> {
    let text: string
    try {
      text = await readFile(this.path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw failed(`${this.path} cannot be read: ${reasonOf(error)}`)
    }
    await assertPrivate(this.path)
    return parseState(text, this.path)
  }

  async write(state: RotationState): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
    await writePrivateFile(this.path, `${JSON.stringify(state, null, 2)}\n`)
  }

  async remove(): Promise<void> {
    await unlink(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw failed(`${this.path} cannot be removed: ${reasonOf(error)}`)
    })
  }
}

/** `$XDG_STATE_HOME/cutover/rotations`, by default below `~/.local/state`. */
function stateDirectory({ env }: Pick<Terminal, 'env'>): string {
  return join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'cutover', 'rotations')
}

/** Legible, and apart from every other one whatever is in a URL. */
function fileName({ baseUrl, workspaceId, secretId }: RotationSubject): string {
  const host = new URL(baseUrl).host.replaceAll(/[^A-Za-z0-9.-]/g, '_')
  const whole = createHash('sha256')
    .update(JSON.stringify([baseUrl, workspaceId, secretId]))
    .digest('hex')
  return `${host}-${secretId}-${whole.slice(0, 8)}`
}

function parseState(text: string, path: string): RotationState {
  try {
    const state = JSON.parse(text) as RotationState
    if (['creating', 'created', 'deployed', 'watching'].includes(state.step)) return state
  } catch {
    // Told below.
  }
  throw failed(`${path} is not what \`cutover rotate\` writes`, {
    hint: 'it may hold the only copy of a new secret: look at it before you remove it',
  })
}
