import { randomBytes } from 'node:crypto'
import type { System } from '../system.ts'

export const localSystem: System = { nowMs: Date.now, randomBytes }
