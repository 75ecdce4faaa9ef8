import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';

/** What may stand in a Nest module's `imports`. */
export type ImportedModule = Type | DynamicModule | ForwardReference | Promise<DynamicModule>;

/** @returns the classes of all modules that a module imports, its own among them; nothing is instantiated */
export async function importedModules(root: ImportedModule): Promise<Set<Type>> {
  const seen = new Set<unknown>();
  const classes = new Set<Type>();
  const visit = async (imported: ImportedModule): Promise<void> => {
    const awaited = await imported;
    const found = 'forwardRef' in awaited ? (awaited.forwardRef() as Type | DynamicModule) : awaited;
    if (seen.has(found)) return;
    seen.add(found);
    const [type, added] = 'module' in found ? [found.module, found.imports ?? []] : [found, []];
    classes.add(type);
    const declared = (Reflect.getMetadata('imports', type) ?? []) as ImportedModule[];
    for (const next of [...declared, ...added]) await visit(next);
  };
  await visit(root);
  return classes;
}
