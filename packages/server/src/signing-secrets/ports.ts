/** The row that a material belongs to: elsewhere it does not open. */
export interface MaterialPlace {
  readonly use: 'identity_secret' | 'integrator_secret'
  readonly workspaceId: string
  readonly id: string
}

export interface MaterialSealer {
  sealMaterial(material: string, place: MaterialPlace): Promise<string>
}

export interface MaterialOpener {
  openMaterial(sealed: string, place: MaterialPlace): Promise<string>
}
