/** What works on the machine of the server itself, on its store and with its settings, without its API. */
export { readSettings } from './config.ts'
export { DomainError } from './domain-error.ts'
export { type Backup, type BackupWatcher, backUpStore } from './local/back-up-store.ts'
export { type Dropped, dropOldMasterKeys } from './local/drop-old-master-keys.ts'
export { makeLocalToken } from './local/make-local-token.ts'
export type { KeyStatus, MasterKeyStatus, NodeStatus } from './local/master-key-status.ts'
export type { NextStep } from './local/next-step.ts'
export { GuardRefusal, Misuse } from './local/refusals.ts'
export {
  masterKeyStatus,
  type Rotation,
  type RotationOptions,
  type RotationWatcher,
  rotateMasterKey,
} from './local/rotate-master-key.ts'
export { MasterKeyError } from './sealing/master-keys.ts'
export { StartupRefusal } from './startup-refusal.ts'
