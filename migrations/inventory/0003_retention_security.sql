select sluice.secure_retention('inventory');
