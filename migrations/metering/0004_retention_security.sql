select sluice.secure_retention('metering');
