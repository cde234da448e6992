package example.mall.order;

import java.math.BigDecimal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.service.annotation.GetExchange;

/** The service {@code goods}. */
public interface GoodsClient {

    @GetExchange("/goods/{id}")
    Goods get(@PathVariable long id);

    record Goods(long id, String name, BigDecimal price) {
    }
}
