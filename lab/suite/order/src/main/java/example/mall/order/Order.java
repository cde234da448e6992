package example.mall.order;

import java.math.BigDecimal;
import java.time.LocalDateTime;

public record Order(Long id, String member, long goods, String goodsName, int quantity, BigDecimal amount,
                    LocalDateTime placed) {
}
