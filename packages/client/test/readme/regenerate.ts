import { IntegratorClient, type IntegratorClientOptions } from '@cutover/client/integrator'

export async function regenerate(
  options: IntegratorClientOptions,
  store: (secret: string) => Promise<void>,
): Promise<IntegratorClient> {
  const old = new IntegratorClient(options)
  const { secret } = await old.regenerateSecret({ oldSecretValidForSeconds: 600 })
  await store(secret) // before anything else: no other answer will show it
  const renewed = new IntegratorClient({ ...options, secret })
  await renewed.self() // it is accepted, while the old one still is
  return renewed
}
