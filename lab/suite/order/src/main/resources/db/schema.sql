CREATE TABLE IF NOT EXISTS orders (
  id         BIGINT         NOT NULL AUTO_INCREMENT PRIMARY KEY,
  member     VARCHAR(32)    NOT NULL,
  goods      BIGINT         NOT NULL,
  goods_name VARCHAR(120)   NOT NULL,
  quantity   INT            NOT NULL,
  amount     DECIMAL(10, 2) NOT NULL,
  placed     DATETIME       NOT NULL
);

CREATE INDEX IF NOT EXISTS orders_member ON orders (member);
