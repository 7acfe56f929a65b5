"""Operations on a whole database: backup, integrity check and retention."""
