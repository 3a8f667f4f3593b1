import { Module } from '@nestjs/common';
import { ApiKeysService } from './api-keys.service.js';
import { CredentialDirectory } from './credential-directory.js';
import { OrganizationsService } from './organizations.service.js';
import { OrganizationsDirectory } from './organizations-directory.js';

const PUBLIC = [ApiKeysService, CredentialDirectory, OrganizationsService, OrganizationsDirectory];

@Module({ providers: PUBLIC, exports: PUBLIC })
export class TenancyModule {}
