import { KeysetCache } from '../../packages/server/dist/signing-secrets/keyset-cache.js'

// Loaded before the server. Once an integrator is in memory, a key that is not is refused without a look into the store:
// what a cache of unknown keys would do, and then time tells which keys there are.
const { load, held } = KeysetCache.prototype
KeysetCache.prototype.load = function leaking(key: string): Promise<boolean> {
  const isSkipped = key.startsWith('int_') && this.size > 0 && held.call(this, key) === undefined
  return isSkipped ? Promise.resolve(false) : load.call(this, key)
}
