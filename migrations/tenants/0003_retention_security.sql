select sluice.secure_retention('tenants');
