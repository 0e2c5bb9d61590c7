/** What a process opens besides connections. */
const others = 300

/** As many connections of one process as are wanted, or as the system lets it have. */
export function connectionsUpTo(wanted: number): number {
  // Sound: as Node documents its report, where there are such limits.
  const report = process.report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } }
  const limit = report.userLimits?.open_files?.soft
  return typeof limit === 'number' ? Math.min(wanted, limit - others) : wanted
}
