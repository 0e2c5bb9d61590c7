/** What an access token may be labelled with. */
export const environments = ['development', 'staging', 'production'] as const
export type Environment = (typeof environments)[number]
