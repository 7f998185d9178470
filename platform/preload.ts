import { registerHooks } from 'node:module'

/**
 * Node looks for the package of every ES module that it loads, and reads the package's list of
 * exports each time. That list is 137 kB long in drizzle-orm: loading it would take 0.6 s of CPU and
 * leave 100 MB of garbage. Its files import one another by relative path and are all ES modules, so
 * there is nothing to look for.
 *
 * To be loaded before whatever imports drizzle-orm: by `node --import`, or alone in the file that
 * then imports the rest dynamically.
 */
registerHooks({
  resolve(specifier, context, next) {
    const { parentURL } = context
    if (!specifier.startsWith('.') || !parentURL?.includes('/node_modules/drizzle-orm/'))
      return next(specifier, context)
    return { url: new URL(specifier, parentURL).href, format: 'module', shortCircuit: true }
  },
})
