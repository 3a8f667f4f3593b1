import { Body, Controller, Get, Header, HttpCode, Param, Post, StreamableFile, UseGuards } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Scope } from '#kernel';
import { type Bundle, bundleRequestSchema, type BundleRequest, bundleSchema } from '#contracts';
import { ValidationBundles } from '#evaluation';
import type { Principal } from '#tenancy';
import { z } from 'zod';
import { Answers } from '../answers.js';
import { ApiKeyGuard } from '../auth/api-key.guard.js';
import { RequestPrincipal, RequestScope, RequireScope } from '../auth/principal.js';

const WASM = 'application/wasm';

@Controller('api/v1/validate')
@UseGuards(ApiKeyGuard)
@RequireScope('validate')
export class BundlesController {
  constructor(private readonly bundles: ValidationBundles) {}

  @Post('bundle')
  @HttpCode(200)
  @Answers('What specs would be judged by, for judging them where the platform is away', 200, bundleSchema)
  bundle(
    @RequestScope() scope: Scope,
    @RequestPrincipal() principal: Principal,
    @Body({ schema: bundleRequestSchema }) about: BundleRequest,
  ): Promise<Bundle> {
    return this.bundles.of(scope, about, principal.failOn);
  }

  @Get('modules/:key')
  @Header('Cache-Control', 'private, max-age=31536000, immutable')
  @ApiProduces(WASM)
  @Answers('A module that a bundle names: WebAssembly', 200, z.string().meta({ format: 'binary' }))
  async module(@RequestScope() scope: Scope, @Param('key') key: string): Promise<StreamableFile> {
    return new StreamableFile(await this.bundles.module(scope, key), { type: WASM });
  }
}
