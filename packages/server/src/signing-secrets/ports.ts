/** The row that a material belongs to: elsewhere it does not open. */
export interface MaterialPlace {
  readonly use: 'identity_secret' | 'integrator_secret'
  readonly workspaceId: string
  readonly id: string
}

/**
 * `known`: a node has it, and nothing is sealed under it. `admitted`: it may seal, since every node has it. `retired`: it
 * seals no more, and every node still needs it to open.
 */
export type MasterKeyState = 'known' | 'admitted' | 'retired'

/** Part of the transaction that stores what is sealed, which holds the lock of the epoch: nothing changes meanwhile. */
export interface SealingKeys {
  /** The first of `keyIds` that every node can open with. */
  sealingKeyId(keyIds: readonly string[]): Promise<string>
}

export interface MaterialSealer {
  sealMaterial(material: string, place: MaterialPlace, keys: SealingKeys): Promise<string>
}

export interface MaterialOpener {
  openMaterial(sealed: string, place: MaterialPlace): Promise<string>
}
