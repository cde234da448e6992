package example.mall.order;

import java.net.URI;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping("/orders")
public class OrderController {

    private final OrderService service;
    private final Orders orders;

    public OrderController(OrderService service, Orders orders) {
        this.service = service;
        this.orders = orders;
    }

    @PostMapping
    public ResponseEntity<Order> place(@RequestBody Wish wish) {
        if (wish.quantity() < 1) {
            throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "quantity: at least 1");
        }
        Order order = service.place(wish.member(), wish.goods(), wish.quantity());
        return ResponseEntity.created(URI.create("/orders/" + order.id())).body(order);
    }

    @GetMapping
    public List<Order> list(@RequestParam String member) {
        return orders.of(member);
    }

    @GetMapping("/{id}")
    public ResponseEntity<Order> get(@PathVariable long id) {
        return ResponseEntity.of(orders.find(id));
    }

    @ExceptionHandler
    ProblemDetail unknownGoodsOrMember(HttpClientErrorException.NotFound e) {
        return ProblemDetail.forStatusAndDetail(HttpStatus.UNPROCESSABLE_CONTENT, "no such goods or member");
    }

    public record Wish(String member, long goods, int quantity) {
    }
}
