package example.mall.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.never;

import java.math.BigDecimal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.web.client.HttpClientErrorException;

@WebMvcTest
@Import(OrderService.class)
class OrderControllerTest {

    @MockitoBean
    private Orders orders;

    @MockitoBean
    private GoodsClient goods;

    @MockitoBean
    private MemberClient members;

    @Autowired
    private MockMvcTester shop;

    @BeforeEach
    void shop() {
        given(members.get("m-1")).willReturn(new MemberClient.Member("m-1", "Wang Fang", 0));
        given(goods.get(7)).willReturn(new GoodsClient.Goods(7, "Teapot", new BigDecimal("89.50")));
        given(orders.add(any())).willAnswer(call -> {
            Order order = call.getArgument(0);
            return new Order(42L, order.member(), order.goods(), order.goodsName(), order.quantity(), order.amount(), order.placed());
        });
    }

    @Test
    void placesAnOrderAtThePriceOfTheDay() {
        assertThat(place("m-1", 7, 3)).hasStatus(HttpStatus.CREATED)
            .hasHeader(HttpHeaders.LOCATION, "/orders/42")
            .bodyJson().isLenientlyEqualTo("{\"id\": 42, \"member\": \"m-1\", \"goodsName\": \"Teapot\", \"amount\": 268.50}");
    }

    @Test
    void creditsFullPointsOnly() {
        assertThat(place("m-1", 7, 3)).hasStatus(HttpStatus.CREATED);

        then(members).should().credit("m-1", new MemberClient.Credit(42, 268));
    }

    @Test
    void keepsNothingForAStrangerOrForUnknownGoods() {
        HttpClientErrorException unknown =
            HttpClientErrorException.create(HttpStatus.NOT_FOUND, "", HttpHeaders.EMPTY, null, null);
        given(members.get("nobody")).willThrow(unknown);
        given(goods.get(8)).willThrow(unknown);

        assertThat(place("nobody", 7, 1)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        assertThat(place("m-1", 8, 1)).hasStatus(HttpStatus.UNPROCESSABLE_CONTENT);
        then(orders).should(never()).add(any());
    }

    @Test
    void refusesAnEmptyOrder() {
        assertThat(place("m-1", 7, 0)).hasStatus(HttpStatus.BAD_REQUEST);
        then(orders).should(never()).add(any());
    }

    private MockMvcTester.MockMvcRequestBuilder place(String member, long goods, int quantity) {
        return shop.post().uri("/orders").contentType(MediaType.APPLICATION_JSON)
            .content("{\"member\": \"%s\", \"goods\": %d, \"quantity\": %d}".formatted(member, goods, quantity));
    }
}
