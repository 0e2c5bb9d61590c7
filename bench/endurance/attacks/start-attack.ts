import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { forkPinned, nextMessage, stop } from '../../processes.ts'
import type { SubjectServer } from '../../subject-server.ts'
import { connectionsUpTo } from '../open-files.ts'
import type { Attacked } from './attack.ts'
import { type AttackName, attacks } from './attacks.ts'

export interface Order extends Attacked {
  readonly name: AttackName
}

export interface StartedAttack extends AsyncDisposable {
  /** Fails where the server answered what it must not. */
  tell(): Promise<Readonly<Record<string, number>>>
}

/** On the load generator's core, of which it gets what that one leaves. */
export async function startAttack(
  core: number | null,
  name: AttackName,
  { port, token }: SubjectServer,
): Promise<StartedAttack> {
  const child = forkPinned(core, join(import.meta.dirname, 'attacker.ts'))
  setPriority(child.pid ?? 0, constants.priority.PRIORITY_LOW)
  const { connections, isRightAnswer } = attacks[name]
  child.send({ name, port, token, connections: connectionsUpTo(connections) } satisfies Order)
  await nextMessage(child)
  return {
    async tell() {
      child.send('tell')
      const tally = (await nextMessage(child)) as Readonly<Record<string, number>> // sound: attacker.ts sends it
      const wrong = Object.keys(tally).filter((answer) => answer !== '503' && !isRightAnswer.test(answer))
      if (wrong.length > 0) throw new Error(`${name} was answered with ${JSON.stringify(tally)}`)
      return tally
    },
    [Symbol.asyncDispose]: () => stop(child),
  }
}
