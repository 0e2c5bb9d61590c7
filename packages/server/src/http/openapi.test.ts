import { describe, expect, it } from 'vitest'
import { startInProcess } from '../../test/in-process.ts'
import { OpenApiConformance } from '../../test/openapi-conformance.ts'

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 and names every route that is served', async () => {
    await using cutover = await startInProcess()
    const response = await cutover.app.inject({ url: '/openapi.json' })
    expect(response.statusCode).toBe(200)
    const document = response.json()
    expect(document.openapi).toBe('3.1.0')
    const operations = Object.entries<Record<string, object>>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(operations.sort()).toEqual([
      'DELETE /secure_mode_secrets/{id}',
      'DELETE /v1/access-tokens/{id}',
      'DELETE /v1/identity-secrets/{id}',
      'DELETE /v1/integrators/{id}',
      'DELETE /v1/sessions',
      'DELETE /v1/workspaces/{id}',
      'GET /health',
      'GET /livez',
      'GET /metrics',
      'GET /readyz',
      'GET /secure_mode_secrets',
      'GET /v1/access-tokens',
      'GET /v1/audit-log',
      'GET /v1/audit-log/checkpoint',
      'GET /v1/audit-log/export',
      'GET /v1/audit-log/key',
      'GET /v1/identity-secrets',
      'GET /v1/identity-secrets/{id}',
      'GET /v1/identity-secrets/{id}/cutover',
      'GET /v1/identity-secrets/{id}/cutover/stream',
      'GET /v1/identity-secrets/{id}/usage',
      'GET /v1/integrator',
      'GET /v1/integrators',
      'GET /v1/integrators/{id}',
      'GET /v1/integrators/{id}/cutover',
      'GET /v1/integrators/{id}/usage',
      'GET /v1/nodes',
      'GET /v1/settings',
      'GET /v1/settings/readiness',
      'GET /v1/verifications/outcomes',
      'GET /v1/workspaces',
      'PATCH /v1/identity-secrets/{id}',
      'PATCH /v1/workspaces/{id}',
      'POST /secure_mode_secrets',
      'POST /v1/access-tokens',
      'POST /v1/access-tokens/{id}/rotate',
      'POST /v1/identity-secrets',
      'POST /v1/identity-secrets/{id}/cancel-retirement',
      'POST /v1/identity-secrets/{id}/disable',
      'POST /v1/identity-secrets/{id}/enable',
      'POST /v1/identity-secrets/{id}/restore',
      'POST /v1/identity-secrets/{id}/retire',
      'POST /v1/identity-secrets/{id}/rotate',
      'POST /v1/integrator/regenerate-secret',
      'POST /v1/integrators',
      'POST /v1/request-verifications',
      'POST /v1/sessions',
      'POST /v1/verifications',
      'POST /v1/verifications/batch',
      'POST /v1/verifications/diagnose',
      'POST /v1/workspaces',
      'PUT /v1/settings',
    ])
    expect(document.paths['/secure_mode_secrets'].get.tags).toEqual(['Identity Verification Secrets'])
  })

  it('is the same whatever the settings', async () => {
    await using plain = await startInProcess()
    await using other = await startInProcess({
      engine: 'postgres',
      environment: {
        CUTOVER_TRUST_PROXY: '127.0.0.1',
        CUTOVER_RATE_LIMIT_PER_MINUTE: '0',
        CUTOVER_METRICS_TOKEN: 'a token of sixteen characters at least',
        CUTOVER_AUDIT_READS: 'true',
        CUTOVER_MAX_ACTIVE_SECRETS: '7',
      },
    })
    expect(other.app.swagger()).toEqual(plain.app.swagger())
  })

  it('documents errors of every operation that can have them, and its examples are valid', async () => {
    await using cutover = await startInProcess()
    const document = (await cutover.app.inject({ url: '/openapi.json' })).json()
    expect(new OpenApiConformance(document).checkExamples()).toBeGreaterThan(20)
    expect(Object.keys(document.paths['/secure_mode_secrets'].post.responses)).toEqual([
      '201',
      '400',
      '401',
      '403',
      '404',
      '409',
      '413',
      '415',
      '422',
      '429',
      '500',
      '503',
    ])
  })

  it('has a reader at /docs that loads nothing from elsewhere and runs under a strict CSP', async () => {
    await using cutover = await startInProcess()
    const page = await cutover.app.inject({ url: '/docs/' })
    expect(page.statusCode).toBe(200)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:/)
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })
})

describe('the service routes', () => {
  it('need no credential, and HEAD and OPTIONS work on them', async () => {
    await using cutover = await startInProcess()
    for (const url of ['/livez', '/readyz', '/metrics', '/openapi.json']) {
      const response = await cutover.call({ url, token: null })
      expect(response.statusCode).toBe(200)
      const head = await cutover.app.inject({ method: 'HEAD', url })
      expect([head.statusCode, head.body]).toEqual([200, ''])
    }
  })

  it('/readyz is 503 while the process is stopping, and /livez is not', async () => {
    await using cutover = await startInProcess()
    cutover.cutover.beginStopping()
    const response = await cutover.call({ url: '/readyz', token: null })
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({ status: 'unavailable', store: 'ok' })
    expect((await cutover.call({ url: '/livez', token: null })).json()).toEqual({ status: 'ok' })
  })

  it('/metrics asks for its token where one is set, and counts verifications by platform and outcome', async () => {
    const metricsToken = '0123456789abcdef'
    await using cutover = await startInProcess({ environment: { CUTOVER_METRICS_TOKEN: metricsToken } })
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'ios' } })
    for (const token of [null, cutover.token, 'x']) {
      expect((await cutover.call({ url: '/metrics', token })).statusCode).toBe(401)
    }
    const { body, headers } = await cutover.call({ url: '/metrics', token: metricsToken })
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toContain('cutover_verifications_total{platform="ios",outcome="unsigned"} 1')
    expect(body).toContain('cutover_verifications_total{platform="web",outcome="unsigned"} 0')
  })
})

describe('the request log', () => {
  it('has one line of allowed fields for each control-plane request, and none for a verification that worked', async () => {
    await using cutover = await startInProcess()
    cutover.log.splice(0)
    const headers = { 'x-request-id': 'mine\u00e9"', 'cutover-workspace': cutover.workspaceId, cookie: 'secret=1' }
    const response = await cutover.call({ url: '/secure_mode_secrets?token=abc', headers })
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'web' } })
    await cutover.call({ method: 'POST', url: '/v1/verifications', payload: { platform: 'tv' } })
    const lines = cutover.log.map((line) => JSON.parse(line))
    expect(lines).toHaveLength(2)
    const { time, durationMs, tokenId, ...rest } = lines[0]
    expect(rest).toEqual({
      level: 30,
      msg: 'request',
      requestId: response.headers['x-request-id'],
      clientRequestId: 'mine?"',
      method: 'GET',
      route: '/secure_mode_secrets',
      status: 200,
      refusal: null,
      integratorId: null,
      workspaceId: cutover.workspaceId,
      ip: '127.0.0.1',
    })
    expect(tokenId).toMatch(/^tok_/)
    expect(lines[1]).toMatchObject({ route: '/v1/verifications', status: 422, refusal: 'fields_invalid' })
    expect(cutover.log.join('')).not.toMatch(/abc|cookie|secret=1|cut_/)
  })
})
