package example.mall.goods;

import java.math.BigDecimal;

public record Goods(long id, String name, BigDecimal price) {
}
