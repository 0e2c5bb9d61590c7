import { Tally } from './attack.ts'
import { attacks } from './attacks.ts'
import type { Order } from './start-attack.ts'

const tally = new Tally()

// A process of its own, with a limit of its own on what it may open.
process.on('message', async (message) => {
  if (message === 'tell') {
    process.send?.(tally.toObject())
    return
  }
  const { name, ...attacked } = message as Order // sound: start-attack.ts sends nothing else
  await attacks[name].attack(attacked, tally)
  process.send?.('begun')
})
process.once('disconnect', () => process.exit())
