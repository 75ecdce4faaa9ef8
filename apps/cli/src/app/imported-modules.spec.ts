import { describe, expect, it } from '@jest/globals';
import { forwardRef, Module, type DynamicModule } from '@nestjs/common';
import { importedModules } from './imported-modules.js';

@Module({})
class Leaf {}

@Module({ imports: [forwardRef(() => Round)] })
class Circle {}

@Module({ imports: [Circle] })
class Round {}

@Module({ imports: [Leaf] })
class Configured {
  static forRoot(imports: DynamicModule['imports'] = []): DynamicModule {
    return { module: Configured, imports };
  }
}

describe('importedModules', () => {
  it('finds what the decorators and the dynamic modules import, in circles and in promises too', async () => {
    const root = Configured.forRoot([Promise.resolve(Configured.forRoot([Round]))]);
    expect(await importedModules(root)).toEqual(new Set([Configured, Leaf, Round, Circle]));
  });

  it('finds a class alone', async () => {
    expect(await importedModules(Leaf)).toEqual(new Set([Leaf]));
  });
});
