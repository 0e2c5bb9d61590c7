import { type Static, Type } from 'typebox'

export const platformNames = ['web', 'ios', 'android'] as const

export const Platform = Type.Enum(platformNames, { description: 'Where the end user is', examples: ['web'] })
export type Platform = Static<typeof Platform>
