import type {
  ApiError,
  ApiErrorCode,
  CallOptions,
  CutoverClient,
  FieldFault,
  KeyedOptions,
  Revoked,
} from '@cutover/client'
import type { ClientIntegrator, IntegratorClient } from '@cutover/client/integrator'
import type {
  CreatedAccessToken,
  CreatedIdentitySecret,
  CreatedSecureModeSecret,
  Cutover,
  IdentitySecret,
  SecureModeSecret,
  Settings,
  VerificationRequest,
  VerificationResult,
} from '@cutover/contract'
import { describe, expectTypeOf, it } from 'vitest'

/** The compiler makes these tests: nothing of them runs. */
type Answer<Method extends (...parameters: never[]) => Promise<unknown>> = Awaited<ReturnType<Method>>

describe('the types of the client', () => {
  it('have an answer with a secret where one is made, and nowhere else', () => {
    type Secrets = CutoverClient['identitySecrets']
    expectTypeOf<Answer<Secrets['create']>>().toEqualTypeOf<CreatedIdentitySecret>()
    expectTypeOf<Answer<Secrets['rotate']>>().toEqualTypeOf<CreatedIdentitySecret>()
    expectTypeOf<Answer<Secrets['read']>>().toEqualTypeOf<IdentitySecret>()
    expectTypeOf<IdentitySecret>().not.toHaveProperty('secret')
    expectTypeOf<SecureModeSecret>().not.toHaveProperty('secret')
    expectTypeOf<CreatedIdentitySecret['secret']>().toBeString()
    expectTypeOf<Answer<CutoverClient['secureModeSecrets']['create']>>().toEqualTypeOf<CreatedSecureModeSecret>()
    expectTypeOf<Answer<CutoverClient['accessTokens']['create']>>().toEqualTypeOf<CreatedAccessToken>()
  })

  it('are those of the contract', () => {
    expectTypeOf<Answer<CutoverClient['verifications']['verify']>>().toEqualTypeOf<VerificationResult>()
    expectTypeOf<Answer<CutoverClient['identitySecrets']['cutover']>>().toEqualTypeOf<Cutover>()
    expectTypeOf<Answer<CutoverClient['identitySecrets']['delete']>>().toEqualTypeOf<Revoked>()
    expectTypeOf<Answer<CutoverClient['settings']['read']>>().toEqualTypeOf<Settings>()
    expectTypeOf<Answer<IntegratorClient['self']>>().toEqualTypeOf<ClientIntegrator>()
    expectTypeOf<VerificationResult['decision']>().toEqualTypeOf<'allow' | 'reject'>()
    expectTypeOf<VerificationResult['userId']>().toEqualTypeOf<string | null>()
    expectTypeOf<ReturnType<CutoverClient['identitySecrets']['all']>>().toExtend<AsyncIterable<IdentitySecret>>()
    expectTypeOf<ReturnType<CutoverClient['auditLog']['export']>>().toExtend<AsyncIterable<Uint8Array>>()
  })

  it('refuse what the contract refuses', () => {
    expectTypeOf<{ platform: 'tv' }>().not.toExtend<VerificationRequest>()
    expectTypeOf<{ userId: string }>().not.toExtend<VerificationRequest>()
    type Retirement = Parameters<CutoverClient['identitySecrets']['retire']>[1]
    expectTypeOf<Record<never, never>>().not.toExtend<Retirement>()
    expectTypeOf<{ afterSeconds: string }>().not.toExtend<Retirement>()
    expectTypeOf<Parameters<CutoverClient['settings']['read']>[0]>().toEqualTypeOf<CallOptions | undefined>()
    expectTypeOf<CallOptions>().not.toHaveProperty('idempotencyKey')
    expectTypeOf<Parameters<CutoverClient['identitySecrets']['create']>[1]>().toEqualTypeOf<KeyedOptions | undefined>()
    expectTypeOf<NonNullable<Parameters<CutoverClient['identitySecrets']['list']>[0]>['state']>().toEqualTypeOf<
      'live' | 'all' | undefined
    >()
  })

  it('tell the codes of errors', () => {
    expectTypeOf<ApiError['code']>().toEqualTypeOf<ApiErrorCode>()
    expectTypeOf<'secret_in_use'>().toExtend<ApiErrorCode>()
    expectTypeOf<'no_such_code'>().not.toExtend<ApiErrorCode>()
    expectTypeOf<ApiError['errors']>().toEqualTypeOf<readonly FieldFault[]>()
  })
})
