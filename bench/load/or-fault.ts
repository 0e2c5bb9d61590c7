interface Run<Figures> {
  result(): Promise<Figures>
  close(): void
}

/** What a run comes to, or why it broke off, in a form that goes from one process to another. */
export async function orFault<Figures>(run: Run<Figures>): Promise<Figures | { readonly fault: string }> {
  try {
    return await run.result()
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  } finally {
    run.close()
  }
}
