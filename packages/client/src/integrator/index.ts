export { type ClientIntegrator, IntegratorClient, type IntegratorClientOptions } from './integrator-client.ts'
